import type { GeneratedDay } from '../generator/generated-day.ts'
import type { House, HouseProject } from './house.ts'
import { sendBodies } from './send-bodies.ts'

export interface FilledDay {
  day: GeneratedDay
  project: HouseProject
  house: House
}

/** Requests under way at once: enough that the server is never without work. */
export const requestsAtOnce = 12

/** Sends a day through /import into a project of its own. */
export async function fillDay(
  house: House,
  day: GeneratedDay,
  say: (text: string) => void,
): Promise<FilledDay> {
  const { set, events, repeats } = day.spec
  const project = await house.createProject(`${set} ${events} ${repeats}`)
  const { url } = await house.api()
  const seconds = await sendBodies({ url, secret: project.secret }, day.bodies(), requestsAtOnce)
  say(`imported ${day.sent.toLocaleString('en')} events in ${seconds.toFixed(1)} s`)
  return { day, project, house }
}
