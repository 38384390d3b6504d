import { Piscina } from 'piscina'

/** Returns a task's result so that its buffers move to the calling thread instead of being copied. */
export function moved<Value extends object>(value: Value, buffers: ArrayBufferLike[]): Value {
  // Without move() the symbols alone count for nothing, and the calling thread would get an empty object.
  const movable = {
    get [Piscina.transferableSymbol]() {
      return buffers
    },
    get [Piscina.valueSymbol]() {
      return value
    },
  }
  return Piscina.move(movable as unknown as ArrayBuffer) as unknown as Value
}
