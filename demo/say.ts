/** What the demo prints, for people. */
let stepCount = 0

/** Begins a step. @param args of the command of bin/penstock that does it, when one does */
export function sayStep(title: string, args?: string[]): void {
  stepCount += 1
  console.log(`\n${stepCount}. ${title}`)
  if (args !== undefined) say(`$ bin/penstock ${args.join(' ')}`)
}

/** Says something about the step. */
export function say(text: string): void {
  console.log(text.replace(/^(?=.)/gm, '   '))
}
