/**
 * The results of two pieces of work that go on beside one another. A failure is raised once both have settled, so that
 * nothing of it goes on after this has ended: the first one's, where both fail.
 */
export async function sideBySide<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second])
  return [await first, await second]
}
