import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fieldsRead } from './fields-read.ts'

const cases: Record<string, readonly string[]> = {
  true: [],
  'process_exec.process.cap.effective.exists(c, c == 1)': [
    ...['ProcessExec.process', 'Process.cap', 'Capabilities.effective'],
  ],
  'process_kprobe.ancestors.exists(a, a.ns.net.inum == 3u)': [
    ...['ProcessKprobe.ancestors', 'Process.ns', 'Namespaces.net', 'Namespace.inum'],
  ],
  'process_exec.ancestors.filter(a, a.pid > 1u)[0].cap.permitted[0] == 1': [
    ...['ProcessExec.ancestors', 'Process.pid', 'Process.cap', 'Capabilities.permitted'],
  ],
  // Only the same name.
  'process_kprobe.args[0].user_ns_arg.ns.inum == 1u && !("cap" in ["ns"])': [
    ...['ProcessKprobe.args', 'KprobeArgument.user_ns_arg', 'UserNamespace.ns', 'Namespace.inum'],
  ],
  'process_exec.parent.pod.pod_labels["cap"] == "x"': [
    ...['ProcessExec.parent', 'Process.pod', 'Pod.pod_labels'],
  ],
  // An expression that tests the field first handles its absence.
  'has(process_exec.process.ns) ? process_exec.process.ns.net.inum == 1u : true': [
    ...['ProcessExec.process', 'Namespaces.net', 'Namespace.inum'],
  ],
}

for (const [expression, expected] of Object.entries(cases)) {
  test(`the fields that are read by ${expression}`, () => {
    assert.deepEqual([...fieldsRead(expression)], expected)
  })
}
