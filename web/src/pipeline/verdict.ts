import type { FoldersAnswer } from '../api/answers.ts'
import type { Tone } from '../parts/mark.tsx'
import { count, counted } from '../words/amounts.ts'

export interface Verdict {
  tone: Tone
  /** Yes, no or not yet. */
  answer: string
  why: string
}

/** Is everything there? Pure. */
export function verdictOf({
  totals,
  selects_all,
  state,
}: Pick<FoldersAnswer, 'totals' | 'selects_all' | 'state'>): Verdict {
  const { folders, events_outstanding: outstanding } = totals
  const {
    failed = 0,
    running = 0,
    pending = 0,
    late_pending: late = 0,
    delivered = 0,
    not_due: notDue = 0,
  } = folders
  if (failed > 0) {
    return { tone: 'bad', answer: 'No', why: `${counted(failed, 'folder')} failed${paused(state)}.` }
  }
  if (running + pending > 0) {
    const way = `${counted(running + pending, 'folder')} on the way, ${count(delivered + late)} delivered${paused(state)}.`
    return { tone: state === 'paused' ? 'warn' : 'busy', answer: 'Not yet', why: way }
  }
  if (late > 0) {
    return {
      tone: 'warn',
      answer: 'Not yet',
      why: `Late events for ${counted(late, 'folder')} wait for the next sync.`,
    }
  }
  if (delivered === 0) {
    return { tone: 'quiet', answer: 'Nothing is due yet', why: `${counted(notDue, 'folder')} will come due.` }
  }
  const done = `all ${counted(delivered, 'folder')} that are due are delivered`
  if (outstanding === 0)
    return { tone: 'good', answer: 'Yes', why: `${sentence(done)}, and the totals agree.` }
  if (outstanding !== null) {
    return {
      tone: 'bad',
      answer: 'No',
      why: `${counted(outstanding, 'event')} of the store are in no folder.`,
    }
  }
  const uncounted = selects_all
    ? 'Counting the store for so many days takes too long'
    : 'This pipeline selects events, so its totals are not those of the store'
  return {
    tone: 'good',
    answer: 'Yes',
    why: `${sentence(done)}. ${uncounted}: verify a folder to hold it against the store.`,
  }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function paused(state: FoldersAnswer['state']): string {
  return state === 'paused' ? '; the pipeline is paused' : ''
}
