/**
 * Gives the memory of buffers back now. Buffers lie outside the heap, so the collector, which comes when the heap has grown,
 * may leave hundreds of megabytes of them: what works on large ones, one after the other, must not wait for it.
 *
 * Only for buffers that nobody looks at any more: they are empty from then on. A view of a part of a buffer empties all of it.
 */
export function releaseBytes(...views: ArrayBufferView<ArrayBuffer>[]): void {
  for (const { buffer } of views) if (!buffer.detached) buffer.transfer(0)
}
