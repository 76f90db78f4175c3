// `node guest.js OPTIONS`: makes this virtual machine the node of a cluster whose control plane is
// on the host. Logs of its programs, requests and answers are in the folder that both share.

import { release } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runOrThrow, runProgram } from '@tetragon-ts/test/archives'
import { makeControlGroup } from '../node/control-groups.ts'
import { programFolder } from '../node/names.ts'
import { enterNode, NodeNamespaces } from '../node/namespaces.ts'
import { containerd, kubelet } from '../node/node-programs.ts'
import { NodeProcess } from '../node/processes.ts'
import { answerRequests, readOnceThere, writeWhole } from './mailbox.ts'
import { type GuestOptions, type GuestState, guestRoot, joinFile, stateFile } from './options.ts'
import { yardstick } from './yardstick.ts'

const options = JSON.parse(process.argv[2]!) as GuestOptions
const { root, programs, folder, cgroup, node } = options

const yardstickMs = await yardstick()
// containerd needs layers on a file system that overlays can be on, and much memory is free.
await runOrThrow('cp', ['-a', root, guestRoot])
await runOrThrow('mount', ['-o', 'remount,size=90%', '/run'])
await makeControlGroup(cgroup)
const { pid } = await NodeNamespaces.make(guestRoot, programs, options.network, node)
const running = [new NodeProcess('containerd', enterNode(pid, containerd), folder)]
// The kubelet ends if it does not answer.
while ((await runOnNode([`${programFolder}/bin/ctr`, 'version'])).exitCode !== 0) await delay(1000)
await writeWhole(join(folder, stateFile), { yardstickMs, release: release() } satisfies GuestState)
setInterval(() => {
  for (const each of running) each.check()
}, 1000)
void readOnceThere(join(folder, joinFile), () => {}).then(() => {
  running.push(new NodeProcess('kubelet', enterNode(pid, kubelet(node)), folder))
})
await answerRequests(folder, ({ where, command }) => {
  return where === 'node' ? runOnNode(command) : runProgram(command[0]!, command.slice(1))
})

function runOnNode(command: readonly string[]) {
  const [program, ...args] = enterNode(pid, command)
  return runProgram(program, args)
}
