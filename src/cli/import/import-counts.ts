/** How far an import has come. It changes while it runs. */
export interface ImportCounts {
  /** Of the files, as they lie there: before they are inflated. */
  bytesRead: number
  /** Read so far. */
  events: number
  /** Acknowledged by the server: durable. */
  imported: number
  refused: number
}

export function createImportCounts(): ImportCounts {
  return { bytesRead: 0, events: 0, imported: 0, refused: 0 }
}
