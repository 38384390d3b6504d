/** Of Node, as bin/penstock starts a worker. */
export const workerFlags = [
  '--disable-warning=ExperimentalWarning',
  '--heap-growing-percent=200',
  '--max-semi-space-size=8',
]
