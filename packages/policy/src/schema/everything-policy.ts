/** A policy with every feature: examples/everything.yaml is generated from it. */
export function everythingPolicy(): string {
  return text
}

const text = `# One of everything that a policy can have.
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: everything
  labels:
    app.kubernetes.io/name: everything
  annotations:
    example.org/note: for tests
spec:
  loader: false
  lists:
    - name: dups
      type: syscalls
      values:
        - sys_dup
        - i386/sys_dup2
    - name: all
      type: generated_syscalls
    - name: ksys
      type: generated_ftrace
      pattern: "^ksys_"
    - name: functions
      values:
        - tcp_connect
        - tcp_close
  enforcers:
    - calls:
        - "list:dups"
        - sys_prctl
        - security_file_open
  options:
    - name: disable-kprobe-multi
      value: "1"
    - name: policy-mode
      value: monitor
    - name: exact-hooks
      value: "true"
  podSelector:
    matchLabels:
      app: web
    matchExpressions:
      - key: tier
        operator: In
        values: ["front", "back"]
  containerSelector:
    matchExpressions:
      - key: name
        operator: NotIn
        values: ["sidecar"]
  hostSelector: {}
  nodeSelector:
    matchLabels:
      kubernetes.io/os: linux
  selectorsMacros:
    shells:
      matchBinaries:
        - operator: In
          values: ["/bin/sh", "/bin/bash"]
          followChildren: true
          resolveLinks: true
    outside:
      matchNamespaces:
        - namespace: Pid
          operator: NotIn
          values: ["host_ns", "4026531836"]
  kprobes:
    - call: "list:functions"
      syscall: false
      message: "a connection"
      tags: ["network", "tcp"]
      return: true
      returnArg:
        type: int
      args:
        - index: 0
          type: sock
          label: socket
      selectors:
        - label: private
          macros: ["shells", "outside"]
          matchPIDs:
            - operator: NotIn
              values: [1]
          matchArgs:
            - index: 0
              operator: DAddr
              values: ["10.1.2.3/8", "fd00::/8", "127.0.0.1"]
            - index: 0
              operator: DPort
              values: ["80", "8000:8999"]
            - args: [0]
              operator: NotSportPriv
            - index: 0
              operator: Family
              values: ["AF_INET", "10"]
            - index: 0
              operator: State
              values: ["TCP_SYN_SENT"]
            - index: 0
              operator: Protocol
              values: ["IPPROTO_TCP"]
          matchReturnArgs:
            - index: 0
              operator: LT
              values: ["0"]
          matchCapabilities:
            - type: Permitted
              operator: In
              isNamespaceCapability: true
              values: ["CAP_SYS_ADMIN", "DAC_OVERRIDE", "CAP_DAC_OVERRIDE"]
          matchCapabilityChanges:
            - operator: In
              values: ["CAP_NET_RAW"]
          matchNamespaceChanges:
            - operator: In
              values: ["Mnt", "Net"]
          matchParentBinaries:
            - operator: NotPostfix
              values: ["/systemd"]
          matchWorkloads:
            podSelector:
              matchLabels:
                app: web
          matchActions:
            - action: Post
              rateLimit: 5m
              rateLimitScope: process
              kernelStackTrace: true
            - action: TrackSock
              argSock: 0
            - action: GetUrl
              argUrl: http://localhost/
            - action: DnsLookup
              argFqdn: example.org
          matchReturnActions:
            - action: NoPost
    - call: "list:dups"
      ignore:
        callNotFound: true
      args:
        - index: 0
          type: int
        - index: 1
          type: uint32
      data:
        - type: string
          source: current_task
          resolve: mm.owner[1].comm
      selectors:
        - matchArgs:
            - index: 0
              operator: InRange
              values: ["-1:0x10"]
            - index: 1
              operator: Mask
              values: ["0x80000000", "017"]
            - index: 1
              operator: NotInMap
              values: ["1", "4:7"]
          matchCmdArgs:
            - index: 1
              operator: NotPrefix
              values: ["--safe", "-s"]
            - anyIndex: true
              operator: SubString
              values: ["password="]
              ignoreCase: true
          matchCEL:
            expr: arg0 > 2 && uint32(arg0) % 7 != arg1 << 1 || data0.endsWith("sh")
          matchData:
            - index: 0
              operator: SubStringIgnoreCase
              values: ["Shell"]
          matchActions:
            - action: NotifyEnforcer
              argError: -1
            - action: CopyFD
              argFd: 0
              argName: 1
            - action: Sigkill
            - action: CleanupEnforcerNotification
    - call: "list:ksys"
      syscall: false
    - call: security_capset
      syscall: false
      args:
        - index: 0
          type: cap_effective
        - index: 1
          type: cap_effective
      selectors:
        - matchArgs:
            - args: [0, 1]
              operator: CapabilitiesGained
            - index: 1
              operator: NotEqual
              values: ["CAP_SYS_ADMIN,CAP_BPF", "0"]
          matchActions:
            - action: Override
              argError: -1
  fentries:
    - call: vfs_open
      syscall: false
      args:
        - index: 0
          type: path
        - index: 1
          type: string
          btfType: file
          resolve: f_path.dentry.d_name.name
      selectors:
        - matchArgs:
            - index: 0
              operator: FileType
              values: ["reg", "pipe"]
  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args:
        - index: 4
          type: syscall64
        - index: 5
      selectors:
        - matchArgs:
            - index: 4
              operator: InMap
              values: ["list:all", "list:dups", "1"]
            - index: 1
              operator: Equal
              values: ["7"]
    - subsystem: sched
      event: sched_process_exit
      raw: true
      args:
        - index: 0
          type: int
          resolve: pid
  lsmhooks:
    - hook: file_open
      args:
        - index: 0
          type: file
      selectors:
        - matchArgs:
            - index: 0
              operator: Equal
              values: ["/etc/shadow"]
          matchActions:
            - action: Post
              imaHash: true
            - action: Override
              argError: -13
            - action: Signal
              argSig: 15
  uprobes:
    - path: /bin/bash
      symbols: ["readline", "main+0x10"]
      refCtrOffsets: [0x10, 32]
      binaryDigests: ["sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"]
      ignore:
        digestVerificationFailure: true
      args:
        - index: 0
          type: string
      selectors:
        - matchActions:
            - action: Override
              argRegs: ["rax=11", "rip=8(%rsp)"]
  usdts:
    - path: /usr/lib/libc.so.6
      provider: libc
      name: setjmp
      args:
        - index: 0
      selectors:
        - matchActions:
            - action: Set
              argIndex: 0
              argValue: 1
  processes:
    - selectors:
        - matchBinaries:
            - operator: In
              values: ["/usr/bin/true"]
          matchActions:
            - action: NoPost
`
