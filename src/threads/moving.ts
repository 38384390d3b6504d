import { Piscina } from 'piscina'

/** Makes a thread task of a function: what it returns goes to the calling thread with these buffers moved, not copied. */
export function moving<Input, Output>(
  task: (input: Input) => Output,
  buffersOf: (output: Output) => ArrayBufferLike[],
): (input: Input) => Output {
  return (input) => {
    const output = task(input)
    const buffers = buffersOf(output)
    if (buffers.length === 0) return output
    const movable = {
      get [Piscina.transferableSymbol]() {
        return buffers
      },
      get [Piscina.valueSymbol]() {
        return output
      },
    }
    // Without move() the symbols alone count for nothing, and the calling thread would get an empty object.
    return Piscina.move(movable as unknown as ArrayBuffer) as unknown as Output
  }
}
