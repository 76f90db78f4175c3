import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import type { ApiClient } from '@tetragon-ts/kubernetes'
import { TokenReviews } from './token-reviews.ts'

/** More than are kept. */
const many = 1001

/** Tokens that the API server was asked about. */
let asked: string[]
/** Set: the API server answers when it is called. */
let answer: (() => void) | undefined
let isHeld: boolean
let now: number
let reviews: TokenReviews
beforeEach(() => {
  asked = []
  answer = undefined
  isHeld = false
  now = 0
  const create = async (_: string, review: object): Promise<object> => {
    const { kind, spec } = review as { kind: string; spec: { token: string } }
    if (kind !== 'TokenReview') return { status: { allowed: true } }
    asked.push(spec.token)
    if (isHeld) {
      await new Promise<void>((resolve) => {
        const before = answer
        answer = () => {
          before?.()
          resolve()
        }
      })
    }
    const authenticated = spec.token.startsWith('good')
    return { status: { authenticated, user: { username: spec.token } } }
  }
  reviews = new TokenReviews({ create } as Pick<ApiClient, 'create'>, () => now)
})

describe('answers about tokens', () => {
  it('hold for half a minute, also those of refused tokens', async () => {
    for (const token of ['good', 'bad', 'good', 'bad']) await reviews.review(token)
    assert.deepEqual(asked, ['good', 'bad'])
    now = 30_000
    assert.equal((await reviews.review('good'))?.name, 'good')
    assert.equal(await reviews.review('bad'), undefined)
    assert.deepEqual(asked, ['good', 'bad', 'good', 'bad'])
  })

  it('about accepted tokens stay, however many others are refused', async () => {
    await reviews.review('good')
    for (let i = 0; i < many; i++) await reviews.review(`bad-${i}`)
    asked = []
    await reviews.review('good')
    await reviews.review(`bad-${many - 1}`)
    assert.deepEqual(asked, [])
    await reviews.review('bad-0')
    assert.deepEqual(asked, ['bad-0'])
  })

  it('are asked for once at a time', async () => {
    await Promise.all([reviews.review('good'), reviews.review('good')])
    assert.deepEqual(asked, ['good'])
  })

  it('about known users are asked for while many unknown tokens are', async () => {
    await reviews.review('good')
    now = 30_000
    isHeld = true
    const pending = Array.from({ length: 32 }, (_, i) => reviews.review(`bad-${i}`))
    await assert.rejects(reviews.review('bad-32'), /too many tokens at a time/)
    const known = reviews.review('good')
    answer?.()
    assert.equal((await known)?.name, 'good')
    await Promise.all(pending)
    isHeld = false
    assert.equal(await reviews.review('bad-32'), undefined)
  })
})
