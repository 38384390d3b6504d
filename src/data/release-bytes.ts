/**
 * Gives the memory of buffers back now. Buffers lie outside the heap, so the collector, which comes when the heap has grown,
 * may leave hundreds of megabytes of them: what works on large ones, one after the other, must not wait for it.
 *
 * Only for buffers that nobody looks at any more: every view of them is empty from then on. Small ones are left alone: they
 * may be parts of the pool that Node gives out to everybody.
 */
export function releaseBytes(...views: ArrayBufferView[]): void {
  for (const { buffer } of views) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize) buffer.transfer(0)
  }
}
