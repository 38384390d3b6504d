import { type Parameters, pairs } from '../api/request.ts'

/** The same request from a terminal. Pure. */
export function curlCommand(url: string, parameters: Parameters): string {
  const fields = pairs(parameters).map(([name, value]) => {
    const plain = /^[\w:/.,@+-]*$/.test(value) && !value.includes('+')
    return plain ? `-d ${name}=${value}` : `--data-urlencode ${quoted(`${name}=${value}`)}`
  })
  return [`curl ${quoted(url)} -u "$API_SECRET:"`, ...fields].join(' \\\n  ')
}

/** For a shell of POSIX: nothing between single quotes means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
