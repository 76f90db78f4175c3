import { readdirSync, readFileSync } from 'node:fs'
import { resourceUsage } from 'node:process'
import { type Collector, counter, gauge } from '../metric.ts'

const cpu = counter('process_cpu_seconds_total', 'Time on processors, user and system')
const resident = gauge('process_resident_memory_bytes', 'Memory in use')
const virtual = gauge('process_virtual_memory_bytes', 'Address space in use')
const virtualMax = gauge('process_virtual_memory_max_bytes', 'Maximum address space')
const open = gauge('process_open_fds', 'Open file descriptors')
const openMax = gauge('process_max_fds', 'Maximum number of open file descriptors')
const start = gauge(
  'process_start_time_seconds',
  'Start time of the process, in seconds since 1970',
)
const received = counter('process_network_receive_bytes_total', 'Bytes received by the namespace')
const sent = counter('process_network_transmit_bytes_total', 'Bytes sent by the namespace')

const startedAt = Date.now() / 1000 - process.uptime()

/** Standard metrics of Prometheus clients about the process. */
export const processCollector: Collector<unknown> = {
  metrics: [cpu, resident, virtual, virtualMax, open, openMax, start, received, sent],
  collect(_, emit) {
    const { userCPUTime, systemCPUTime } = resourceUsage()
    emit(cpu, (userCPUTime + systemCPUTime) / 1e6)
    const status = readFileSync('/proc/self/status', 'latin1')
    const kib = (name: string) => 1024 * Number(status.match(`${name}:\\s+(\\d+)`)?.[1] ?? 0)
    emit(resident, kib('VmRSS'))
    emit(virtual, kib('VmSize'))
    const limits = readFileSync('/proc/self/limits', 'latin1')
    emit(virtualMax, limitOf(limits, 'Max address space'))
    emit(openMax, limitOf(limits, 'Max open files'))
    emit(open, readdirSync('/proc/self/fd').length)
    emit(start, startedAt)
    const devices = readFileSync('/proc/self/net/dev', 'latin1').split('\n').slice(2)
    const columns = devices.map((line) => line.split(':')[1]?.trim().split(/\s+/) ?? [])
    const sum = (column: number) =>
      columns.reduce((all, each) => all + Number(each[column] ?? 0), 0)
    emit(received, sum(0))
    emit(sent, sum(8))
  },
}

function limitOf(limits: string, name: string): number {
  const soft = limits.match(`${name}\\s+(\\S+)`)?.[1] ?? 'unlimited'
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}
