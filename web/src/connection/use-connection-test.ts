import { useEffect, useRef, useState } from 'react'
import type { ConnectionAnswer, TestedStep, TestLine } from '../api/answers.ts'
import { pipelineBase } from '../api/pipeline-calls.ts'
import { CallFailed, type Parameters, postForLines } from '../api/request.ts'

interface Tested {
  state: 'idle' | 'testing' | 'passed' | 'failed'
  /** In the order in which they were settled; at the end in that of the whole test. */
  steps: TestedStep[]
  /** The test itself broke off. */
  failure?: unknown
}

export interface ConnectionTest extends Tested {
  /** Gives the whole test; undefined where it broke off. */
  start(parameters: Parameters): Promise<ConnectionAnswer | undefined>
}

const idle: Tested = { state: 'idle', steps: [] }

/** One connection test at a time, step by step; a new one ends the one before. */
export function useConnectionTest(): ConnectionTest {
  const [tested, setTested] = useState(idle)
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  const start = async (parameters: Parameters): Promise<ConnectionAnswer | undefined> => {
    running.current?.abort()
    const controller = new AbortController()
    running.current = controller
    setTested({ state: 'testing', steps: [] })
    try {
      for await (const line of postForLines(`${pipelineBase}/test`, parameters, controller.signal)) {
        const told = line as TestLine
        if ('step' in told) setTested(({ steps }) => ({ state: 'testing', steps: settled(steps, told.step) }))
        else if ('error' in told) throw new CallFailed(503, told.error)
        else {
          setTested({ state: told.result.ok ? 'passed' : 'failed', steps: told.result.steps })
          return told.result
        }
      }
      throw new CallFailed(0, 'The connection test broke off before its end.')
    } catch (failure) {
      if (!controller.signal.aborted) setTested(({ steps }) => ({ state: 'failed', steps, failure }))
      return undefined
    }
  }
  return { ...tested, start }
}

/** A step that is told twice counts as told last. */
function settled(steps: TestedStep[], step: TestedStep): TestedStep[] {
  return [...steps.filter((each) => each.step !== step.step), step]
}
