import './copied-text.css'
import { useId, useState } from 'react'

interface Props {
  /** What it is, as a heading. */
  title: string
  text: string
  /** Shown beside the copy button. */
  children?: React.ReactNode
}

const shownMs = 2000

/** A text to paste elsewhere, and the button that copies it. */
export function CopiedText({ title, text, children }: Props) {
  const id = useId()
  const [said, setSaid] = useState('')
  const copy = async () => {
    setSaid((await copyText(text)) ? 'Copied' : 'Select and copy it by hand')
    setTimeout(() => setSaid(''), shownMs)
  }
  return (
    <figure className="copied" aria-labelledby={id}>
      <figcaption>
        <span id={id}>{title}</span>
        <span className="button-row">
          {children}
          <output className="soft">{said}</output>
          <button type="button" onClick={copy} aria-label={`Copy: ${title}`}>
            Copy
          </button>
        </span>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}

/** The clipboard is there over HTTPS and on loopback alone; elsewhere a selection is copied. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
  }
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  return copied
}
