import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { connectionSettings } from '../connection/settings.ts'
import { socketTarget } from '../connection/socket-target.ts'
import { defineCommand } from '../define-command.ts'

/** `tetra relay`: what `tetra --cluster` runs in the pods of the agents. */
export const relay: Command = defineCommand({
  name: 'relay',
  hidden: true,
  summary: 'Connect standard input and output to the agent',
  description:
    'tetra --cluster runs it in the pods of the agents. It copies bytes until one end closes.',
  options: connectionOptions,
  examples: [['tetra relay', "The agent of this machine's socket"]],
  run: async ({ values, streams }) => {
    const { address } = connectionSettings(values)
    const socket = await open(address)
    try {
      // Either end may close first.
      await Promise.race([
        pipeline(streams.stdin, socket, { end: false }),
        pipeline(socket, streams.stdout, { end: false }),
      ])
    } finally {
      socket.destroy()
      streams.stdin.destroy()
    }
    return 0
  },
})

/** @throws Error with the address */
function open(address: string): Promise<Socket> {
  const socket = connect(socketTarget(address))
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', (error) => reject(new Error(`connect to ${address}: ${error.message}`)))
  })
}
