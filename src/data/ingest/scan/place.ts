/** Where a value stands: in `from..to`; nowhere where `from` is `notThere`. */
export interface Place {
  from: number
  to: number
  /** The comma before its key; `notThere` where the key is the first one. */
  comma: number
}

export const notThere = -1

export function noPlace(): Place {
  return { from: notThere, to: notThere, comma: notThere }
}

export function setPlace(place: Place, from: number, to: number, comma: number): void {
  place.from = from
  place.to = to
  place.comma = comma
}

export function lengthOf(place: Place): number {
  return place.to - place.from
}

export function isThere(place: Place): boolean {
  return place.from !== notThere
}
