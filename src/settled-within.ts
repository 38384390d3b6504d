/** Waits for `promise` to end, well or not, but no longer than this. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, timeoutMs)
  await Promise.race([promise.catch(() => undefined), late.promise])
  clearTimeout(timer)
}
