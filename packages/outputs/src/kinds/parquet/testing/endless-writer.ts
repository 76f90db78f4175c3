import { range, TestOutput } from '../../../testing/test-outputs.ts'

// Writes events to the folder in the first argument, prints how many, and waits to be killed.

const output = await TestOutput.open(`parquet://${process.argv[2]}?batch-wait=0s&file-age=1h`)
for (const part of range(0, 2)) {
  output.addExecs(part * 1000 + 1, part * 1000 + 1000)
  while (output.status.sent < part * 1000 + 1000) await new Promise(setImmediate)
}
process.stdout.write(`${output.status.sent}\n`)
setInterval(() => {}, 1000)
