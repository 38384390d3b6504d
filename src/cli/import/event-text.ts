/** The text of one event, byte for byte as it stands in its file. */
export interface EventText {
  text: Buffer
  /** Where it begins; the first line of a file is 1. */
  line: number
  /** The text was too long to be kept: only its beginning is here. */
  cut: boolean
}

/** Cuts a file that comes in chunks into the texts of its events. */
export interface EventCutter {
  /** The events that end in this chunk. */
  push(chunk: Buffer): Generator<EventText>
  /** What still stood open when the file ended. */
  end(): Iterable<EventText>
}
