import { decideImage, type ImageTest, imageProgram, type Logic } from '@tetragon-ts/policy'

/** Programs without which a host or its containers stop, with usual arguments. */
const vital: readonly (readonly [path: string, ...args: string[]])[] = [
  ['/usr/lib/systemd/systemd', '--switched-root', '--system'],
  ['/usr/lib/systemd/systemd-journald'],
  ['/usr/sbin/sshd', '-D'],
  ['/usr/bin/dbus-daemon', '--system'],
  ['/usr/bin/containerd'],
  ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io'],
  ['/usr/bin/runc', 'init'],
  ['/usr/bin/kubelet', '--config=/var/lib/kubelet/config.yaml'],
  ['/usr/bin/dockerd', '-H', 'fd://'],
  ['/usr/bin/sudo', '-i'],
  ['/bin/sh', '-c', 'true'],
  ['/bin/bash'],
]

/** Those of the vital programs that a condition kills whatever their parent is. */
export function vitalPrograms(condition: Logic<ImageTest>): string[] {
  return vital.flatMap(([path, ...args]) => {
    const text = new TextEncoder().encode(args.map((each) => `${each}\0`).join(''))
    const decide = decider(new TextEncoder().encode(path), text)
    return decide(condition) === true ? [path] : []
  })
}

/** Undefined: it depends on the parent. */
type Decide = (condition: Logic<ImageTest>) => boolean | undefined

function decider(path: Uint8Array, args: Uint8Array): Decide {
  const decide: Decide = (condition) => {
    if (condition.kind === 'image') {
      if (condition.of === 'parent') return undefined
      const program = imageProgram(condition.condition)
      return 'tooLarge' in program ? undefined : decideImage(program, path, args)
    }
    if (condition.kind === 'not') {
      const inner = decide(condition.of)
      return inner === undefined ? undefined : !inner
    }
    const decisive = condition.kind === 'or'
    const values = condition.of.map(decide)
    if (values.includes(decisive)) return decisive
    return values.includes(undefined) ? undefined : !decisive
  }
  return decide
}
