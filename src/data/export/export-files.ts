import { crc32Combine } from '../store/crc32-combine.ts'
import type { CutFile } from './export-file.ts'
import { FileBytes } from './file-bytes.ts'
import { type Piece, readPiece } from './piece.ts'
import { spanOfAll } from './time-span.ts'

/**
 * Cuts pieces into files of about `fileSizeBytes`: a file ends before the piece that would make it larger.
 * @param firstOrdinal the number in the first file's name
 */
export async function* exportFiles(
  pieces: AsyncIterable<Piece> | Iterable<Piece>,
  fileSizeBytes: number,
  firstOrdinal = 0,
): AsyncGenerator<CutFile> {
  let ordinal = firstOrdinal
  let gathered: Piece[] = []
  let gatheredBytes = 0
  for await (const piece of pieces) {
    if (gathered.length > 0 && gatheredBytes + piece.lengthBytes > fileSizeBytes) {
      yield joinPieces(ordinal++, gathered)
      gathered = []
      gatheredBytes = 0
    }
    gathered.push(piece)
    gatheredBytes += piece.lengthBytes
  }
  if (gathered.length > 0) yield joinPieces(ordinal, gathered)
}

/** Gzip members joined byte for byte are a gzip file (RFC 1952, 2.2). */
function joinPieces(ordinal: number, pieces: Piece[]): CutFile {
  const sum = pieces.reduce((combined, piece) => crc32Combine(combined, piece.crc32, piece.lengthBytes), 0)
  return {
    ordinal,
    steps: pieces.flatMap(({ steps }) => steps),
    name: `part-${String(ordinal).padStart(5, '0')}-${sum.toString(16).padStart(8, '0')}.json.gz`,
    lengthBytes: pieces.reduce((bytes, piece) => bytes + piece.lengthBytes, 0),
    crc32: sum,
    eventCount: pieces.reduce((events, piece) => events + piece.eventCount, 0),
    span: () => spanOfAll(pieces),
    open: (beforeChunk) => new FileBytes(readPieces(pieces), beforeChunk),
  }
}

/** Of a chunk: enough that the calls are few, little enough that four uploads' chunks fit into the processor's cache. */
const chunkBytes = 256 * 1024

/** Pieces that are opened before their turn: in a bucket the first byte of each takes its time to come. */
const piecesAhead = 4

async function* readPieces(pieces: Piece[]): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes)
  const opened: AsyncIterable<Uint8Array>[] = []
  try {
    for (const [place, piece] of pieces.entries()) {
      for (const next of pieces.slice(place + opened.length, place + 1 + piecesAhead))
        opened.push(next.open(buffer))
      const [current] = opened
      if (current !== undefined) yield* readPiece(piece, current)
      opened.shift()
    }
  } finally {
    // Those that nobody came to read.
    await Promise.allSettled(opened.map((chunks) => chunks[Symbol.asyncIterator]().return?.()))
  }
}
