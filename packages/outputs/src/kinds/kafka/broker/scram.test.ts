import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Scram } from './scram.ts'

describe('SCRAM', () => {
  // The example of RFC 7677.
  const challenge =
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
  const scram = () => {
    return new Scram('sha256', { user: 'user', password: 'pencil' }, 'rOprNGfwEbeRWgbNEkqO')
  }

  it('proves the password as RFC 7677 says', async () => {
    const client = scram()
    assert.equal(client.first, 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    assert.equal(
      await client.answer(challenge),
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
        'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    )
    client.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')
  })

  it('accepts no broker that repeats the nonce, and no proof before its own', async () => {
    const wrong = challenge.replace('%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', '')
    await assert.rejects(scram().answer(wrong), /the challenge of the broker is wrong/)
    assert.throws(() => scram().verify('v='), /does not know the password/)
  })

  it('escapes the name of the user', () => {
    assert.match(new Scram('sha512', { user: 'a,b=c', password: 'x' }).first, /^n,,n=a=2Cb=3Dc,r=/)
  })
})
