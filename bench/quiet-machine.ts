import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const sampleMs = 1000
const patience = 300
const quietCpus = 0.15

/**
 * Waits until other programs are idle, for at most five minutes.
 * @returns CPUs that are still busy without our programs
 */
export async function quietMachine(progress: (text: string) => void): Promise<number> {
  let busy = await busyCpus()
  for (let waited = 0; busy > quietCpus && waited < patience; waited++) {
    if (waited === 0) progress(`waiting for other programs, which use ${busy.toFixed(1)} CPUs`)
    busy = await busyCpus()
  }
  return busy > quietCpus ? busy : 0
}

/** CPUs in use over a second, from the first line of /proc/stat (in hundredths of a second). */
async function busyCpus(): Promise<number> {
  const before = busyTicks()
  await delay(sampleMs)
  return (busyTicks() - before) / (sampleMs / 10)
}

function busyTicks(): number {
  const fields = readFileSync('/proc/stat', 'latin1').split('\n')[0].trim().split(/\s+/)
  // cpu user nice system idle iowait irq softirq steal
  const [user, nice, system, , , irq, softirq, steal] = fields.slice(1).map(Number)
  return user + nice + system + irq + softirq + steal
}
