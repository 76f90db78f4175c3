import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateTimeText, durationText, hasDates, spanText, timeText } from './time-text.ts'

const evening = Date.parse('2026-01-01T23:59:59.999Z')
const night = evening + 1

test('a time has its date if the reference has another one', () => {
  assert.equal(timeText(evening, evening - 1000), '23:59:59.999')
  assert.equal(timeText(night, evening), '2026-01-02 00:00:00.000')
  assert.equal(timeText(evening, night), '2026-01-01 23:59:59.999')
  assert.equal(timeText(evening), '2026-01-01 23:59:59.999')
  assert.match(timeText(Date.now()), /^\d\d:\d\d:\d\d\.\d{3}$/)
  assert.equal(dateTimeText(night), '2026-01-02 00:00:00.000')
})

test('a span of one day has its date once', () => {
  assert.equal(
    spanText({ from: evening - 1, to: evening }),
    '2026-01-01 23:59:59.998 – 23:59:59.999',
  )
  assert.match(spanText({ from: evening, to: night + 1 }), / – 2026-01-02 00:00:00\.001$/)
})

test('the end of a span is not in it', () => {
  assert.equal(hasDates({ from: evening - 1000, to: night }), false)
  assert.equal(hasDates({ from: evening, to: night + 1 }), true)
})

test('years after 9999 have their date, too', () => {
  assert.equal(dateTimeText(Date.UTC(10000, 0, 1)), '+010000-01-01 00:00:00.000')
})

test('durations have their two largest units', () => {
  const texts = [0, 59_999, 60_000, 3_600_000, 90_061_000, -1].map(durationText)
  assert.deepEqual(texts, ['0 s', '59 s', '1 min 0 s', '1 h 0 min', '1 d 1 h', '0 s'])
})
