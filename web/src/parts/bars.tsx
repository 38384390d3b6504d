import './bars.css'

interface Props {
  values: number[]
  /** What it shows, as it is read out. */
  label: string
  /** How many places there are; values fill them from the right. */
  places?: number
}

const height = 28
const step = 5

/** A small bar chart: the course of a number, without axes. One path, as a page may have thousands of them. */
export function Bars({ values, label, places = values.length }: Props) {
  const max = Math.max(1, ...values)
  const offset = places - values.length
  const bars = values.map((value, index) => {
    const tall = value === 0 ? 1 : Math.max(2, Math.round((value / max) * height))
    return `M${(offset + index) * step} ${height}v${-tall}h${step - 1}v${tall}z`
  })
  return (
    <svg
      className="bars"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, places) * step} ${height}`}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      <path d={bars.join('')} />
    </svg>
  )
}
