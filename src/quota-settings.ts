import type { Config } from './config/settings.ts'
import type { Quota } from './control/projects/quota.ts'

/** What a project may send in, where nothing else is said of it. */
export function quotaSettings(config: Config): Quota {
  return {
    eventsPerDayMax: config.quotaEventsPerDayMax,
    bytesPerDayMax: config.quotaBytesPerDayMax,
    eventsPerMonthMax: config.quotaEventsPerMonthMax,
    bytesPerMonthMax: config.quotaBytesPerMonthMax,
  }
}
