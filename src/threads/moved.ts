import { Piscina } from 'piscina'

/** Returns a task's result so that its buffers move to the calling thread instead of being copied. */
export function moved<Value extends object>(value: Value, buffers: ArrayBufferLike[]): Value {
  return {
    get [Piscina.transferableSymbol]() {
      return buffers
    },
    get [Piscina.valueSymbol]() {
      return value
    },
  } as unknown as Value
}
