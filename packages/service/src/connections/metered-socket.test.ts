import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { it } from 'node:test'
import { Allowances } from './allowances.ts'
import { MeteredSocket } from './metered-socket.ts'

it('bytes beyond the allowance of the client stay unread, and no byte is lost', async () => {
  let now = 0
  const allowances = new Allowances({ perSecond: 1_000_000, burst: 2048 }, () => now)
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = await once(server, 'connection')
  const metered = new MeteredSocket(socket, 'a', allowances)
  let received = ''
  metered.setEncoding('latin1').on('data', (text: string) => {
    received += text
  })
  const sent = 'abcdefghij'.repeat(1000)
  client.end(sent)
  while (received.length < 2048) await new Promise(setImmediate)
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 1))
  assert.equal(received.length, 2048)
  metered.write('answer')
  const [answer] = (await once(client, 'data')) as [Buffer]
  assert.equal(answer.toString(), 'answer')
  const ended = once(metered, 'end')
  const clock = setInterval(() => {
    now += 1
  }, 1)
  await ended
  clearInterval(clock)
  assert.equal(received, sent)
  await once(client, 'close')
  await new Promise((resolve) => server.close(resolve))
})
