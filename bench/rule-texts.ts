/** Programs and texts as public rules on commands use them. */
const programs =
  'bash sh curl wget nc python3 perl ruby base64 chmod chattr crontab useradd userdel passwd ssh scp rsync tar gzip systemctl service iptables ufw nft dd mkfs mount umount insmod rmmod modprobe kubectl docker podman crictl gdb strace tcpdump nmap socat openssl xxd awk sed find locate whoami id last hostname uname ps netstat ss lsof ip arp route cat head tail grep env printenv shred touch ln cp mv rm'.split(
    ' ',
  )
const texts =
  'http:// --upload-file -d@ /etc/passwd /etc/shadow .bash_history /dev/tcp/ pty.spawn --decode +s 0.0.0.0/0 authorized_keys id_rsa .aws/credentials .kube/config /var/log/ /tmp/ /dev/shm/ LD_PRELOAD ld.so.preload /etc/cron xmrig stratum+tcp pool. .onion ngrok pastebin'.split(
    ' ',
  )

/** Commands of builds, shells and services. */
const commands = [
  '-c "for i in 1 2 3; do echo $i; done"',
  '-quiet -I ../../include -D NDEBUG=1 -D VERSION=\\"6.18\\" main.c -mtune=generic -march=x86-64 -O2',
  '--color=auto -la /usr/share/doc',
  '-rf /tmp/build.123/obj',
  '--no-pager log --oneline -n 5',
  '-E "s/foo/bar/g" /etc/hosts',
  '',
  'is-active docker.service',
  '-p 1234 -o pid,comm,args',
  'https://example.com/index.html -sSfL',
]

/** Numbers that look random and are the same in each run. */
class Choice {
  #state = 7

  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (this.#state >> 8) % limit
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]
  }
}

/** Files of rules with a process's image, texts in its command line, and an exception. */
export function ruleFiles(count: number, perFile = 200): string[] {
  const choice = new Choice()
  const files: string[] = []
  for (let from = 0; from < count; from += perFile) {
    const rules = Array.from({ length: Math.min(perFile, count - from) }, (_, i) =>
      ruleText(from + i, choice),
    )
    files.push(rules.join('---\n'))
  }
  return files
}

function ruleText(number: number, choice: Choice): string {
  const own = (text: string): string => `'${text}${choice.below(3) > 0 ? '' : `-${number}`}'`
  const values = new Set(Array.from({ length: 1 + choice.below(5) }, () => own(choice.of(texts))))
  const images = new Set(Array.from({ length: 1 + choice.below(3) }, () => choice.of(programs)))
  const condition = choice.of(['image and text and not exception', 'image and (text or option)'])
  return `title: rule ${number}
level: medium
tags: [attack.t1059]
logsource: {product: linux, category: process_creation}
detection:
  image: {Image|endswith: [${[...images].map((name) => `/${name}`).join(', ')}]}
  text: {CommandLine|contains: [${[...values].join(', ')}]}
  option: {CommandLine|contains|all: [' -e ', '${choice.of(texts)}']}
  exception: {ParentImage|endswith: /${choice.of(programs)}}
  condition: ${condition}
`
}

/** Processes as they start on a machine that builds and serves. */
export function processes(count: number) {
  const choice = new Choice()
  return Array.from({ length: count }, (_, i) => ({
    binary: `/usr/bin/${choice.of(programs)}`,
    arguments: choice.of(commands) + (i % 3 === 0 ? ` ${i}` : ''),
    cwd: '/home/user/project',
    uid: 1000,
  }))
}
