import { expect, test } from 'vitest'
import type { PipelineRequest } from './pipeline-request.ts'
import { settleDates } from './settle-dates.ts'

const daysOf = (request: Pick<PipelineRequest, 'trial' | 'fromDate' | 'toDate'>) => {
  const { fromDate, toDate } = settleDates(request as PipelineRequest, '2024-02-10')
  return [fromDate, toDate]
}

test('a trial has the day before and thirty days, counted from its first day where that is still to come', () => {
  expect(daysOf({ trial: true, fromDate: null, toDate: null })).toEqual(['2024-02-09', '2024-03-10'])
  expect(daysOf({ trial: true, fromDate: '2024-02-10', toDate: null })).toEqual(['2024-02-10', '2024-03-10'])
  expect(daysOf({ trial: true, fromDate: '2024-02-20', toDate: null })).toEqual(['2024-02-20', '2024-03-20'])
})

test('other pipelines have the days that were asked for', () => {
  expect(daysOf({ trial: false, fromDate: '2024-01-01', toDate: '2024-01-05' })).toEqual([
    '2024-01-01',
    '2024-01-05',
  ])
  expect(daysOf({ trial: false, fromDate: '2024-01-01', toDate: null })).toEqual(['2024-01-01', null])
})
