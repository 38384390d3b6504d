import { Piscina } from 'piscina'

/** Makes a thread task of a function: what it returns goes to the calling thread with these buffers moved, not copied. */
export function moving<Input, Output extends object | undefined>(
  task: (input: Input) => Output,
  buffersOf: (output: NonNullable<Output>) => ArrayBufferLike[],
): (input: Input) => Output {
  return (input) => {
    const output = task(input)
    if (output === undefined) return output
    return Piscina.move({
      get [Piscina.transferableSymbol]() {
        return buffersOf(output as NonNullable<Output>)
      },
      get [Piscina.valueSymbol]() {
        return output
      },
    } as never) as unknown as Output
  }
}
