/** What is wanted of a ratio. */
export interface Aim {
  /** As the table shows it. */
  text: string
  /** Undefined where nothing is wanted. */
  isMet?: (ratio: number) => boolean
}

export const atLeast = (wanted: number): Aim => ({ text: `≥ ${wanted}`, isMet: (ratio) => ratio >= wanted })

export const atMost = (wanted: number): Aim => ({ text: `≤ ${wanted}`, isMet: (ratio) => ratio <= wanted })

/** Of a result that is there to be read beside another one. */
export const beside = (other: string): Aim => ({ text: `none: it stands beside ${other}` })

/** Of a result that says how something is, on a machine that decides it. */
export const noAim: Aim = { text: 'none: it says what is bound' }

/** Null where there is nothing to be met, or no ratio. */
export function isAimMet({ isMet }: Aim, ratio: number | null): boolean | null {
  return isMet === undefined || ratio === null ? null : isMet(ratio)
}
