import type { ReactNode } from 'react'

/** A table that may be wider than the page: it scrolls by itself, by keyboard too. */
export function WideTable({
  label,
  className,
  children,
}: {
  label: string
  className?: string
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="scroll-x" aria-label={label} tabIndex={0}>
      <table className={className}>{children}</table>
    </section>
  )
}
