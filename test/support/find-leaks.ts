/** The search of no-secrets.test.ts: each secret, in each form that it travels in, in each place that somebody may read. */

/** As `<secret> in <place>`. Both maps are by the name that is told. */
export function findLeaks(
  readable: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): string[] {
  const wanted = [...secrets].map(([name, secret]) => ({ name, forms: formsOf(secret) }))
  return [...readable].flatMap(([place, text]) =>
    wanted
      .filter(({ forms }) => forms.some((form) => text.includes(form)))
      .map(({ name }) => `${name} in ${place}`),
  )
}

/** As it is, in a URL or a form, and as the user name or the password of Basic credentials. */
export function formsOf(secret: string): string[] {
  const user = Buffer.from(`${secret}:`).toString('base64')
  return [secret, encodeURIComponent(secret), user, ...passwordForms(secret)]
}

/** Three letters at a time make four of base64, so what it looks like depends on what stands before it. */
function passwordForms(secret: string): string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.from(`${'x'.repeat(before)}${secret}`).toString('base64')
    // Without the letters that what stands before and behind has a part in.
    return encoded.slice(before === 0 ? 0 : 4, -4)
  })
}
