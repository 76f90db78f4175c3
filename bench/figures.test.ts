import assert from 'node:assert/strict'
import { test } from 'node:test'
import { change, count, figure, goal, median, ratio } from './figures.ts'

test('the median is the middle value, or the mean of the two middle ones', () => {
  assert.equal(median([9, 1, 10]), 9)
  assert.equal(median([4, 1, 3, 2]), 2.5)
})

test('figures keep three digits, or all before the point', () => {
  assert.deepEqual([0.3834, 12.345, 1740.6].map(figure), ['0.38', '12.3', '1,741'])
})

test('counts have commas between thousands', () => {
  assert.deepEqual([999, 1234567].map(count), ['999', '1,234,567'])
})

test('changes, ratios and goals are written as text', () => {
  assert.equal(change(1740, 2821), '+62.1 %')
  assert.equal(change(100, 95), '−5.0 %')
  assert.equal(ratio(50, 125), '2.50×')
  assert.deepEqual([goal('< 8', true), goal('< 8', false)], ['< 8: met', '< 8: MISSED'])
})
