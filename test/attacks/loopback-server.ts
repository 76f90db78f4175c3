import { shellQuote } from '@tetragon-ts/api'

/** Shell text that starts a server for one TCP port, on all addresses of the throw-away root. */
export function server(port: number, sends = ''): string {
  return start(`$s = IO::Socket::INET->new(Listen => 9, LocalPort => ${port}, ReuseAddr => 1)
    or die "listen: $!";
  exit if fork;
  $SIG{CHLD} = "IGNORE";
  while (1) {
    $c = $s->accept or next;
    fork and next;
    open F, ">>", "/run/got";
    F->autoflush(1);
    $c->autoflush(1);
    print $c "${forPerl(sends)}";
    syswrite F, $b while sysread $c, $b, 65536;
    exit;
  }`)
}

/** The same for a web server, which answers every request with this text. */
export function webServer(port: number, body = 'ok\n'): string {
  return server(
    port,
    `HTTP/1.0 200 OK\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
}

/** The same for UDP: it only receives. */
export function udpServer(port: number): string {
  return start(`$s = IO::Socket::INET->new(Proto => "udp", LocalPort => ${port}) or die "bind: $!";
  exit if fork;
  open F, ">>", "/run/got";
  F->autoflush(1);
  while (defined $s->recv($b, 65536)) { syswrite F, "$b\\n" }`)
}

/** A test that waits up to three seconds until a command succeeds. */
export function eventually(command: string): string {
  const wait = 'i=$((i + 1)); sleep 0.05'
  return `i=0; until ${command}; do [ $i -lt 60 ] || exit 1; ${wait}; done`
}

/** Starts a process that only sleeps; its id is in /run/victim. */
export const sleepingVictim = `sleep 100 &
echo $! >/run/victim
until [ "$(cat /proc/$!/comm)" = sleep ] && grep -q 'State:.S' /proc/$!/status; do :; done`

/** A test that a server has received a text. */
export function received(text: string): string {
  return eventually(`grep -aq ${shellQuote(text)} /run/got 2>/dev/null`)
}

function start(program: string): string {
  return `perl -MIO::Socket::INET -MIO::Handle -e ${shellQuote(program)}`
}

/** For a text in double quotes of Perl. */
function forPerl(text: string): string {
  return text
    .replace(/[\\"$@]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
}
