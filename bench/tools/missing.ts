/** Why something can't be had on this machine. */
export interface Missing {
  missing: string
}
