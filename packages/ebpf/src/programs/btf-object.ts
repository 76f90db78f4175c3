import { EbpfError } from '../errors/index.ts'
import { bpf, bpfCommand, Fd, Memory, SystemCallError, withLockedMemory } from '../sys/index.ts'

const logSize = 1 << 16

/** A BTF blob that the kernel refused, with the reason it logged. */
export class BtfLoadError extends EbpfError {
  override readonly name: string = 'BtfLoadError'
  readonly log: string

  constructor(cause: SystemCallError, log: string) {
    const reason = log.trim().split('\n').at(-1)
    super('EBPF_BTF_LOAD', reason ? `${cause.message}: ${reason}` : cause.message, { cause })
    this.log = log
  }
}

/**
 * Gives type information to the kernel. Maps and programs made with the descriptor hold on to the
 * BTF, so it may be closed after that. Kernel 4.18.
 * @throws BtfLoadError
 */
export function loadBtf(blob: Uint8Array): Fd {
  try {
    return withLockedMemory(() =>
      bpf(
        bpfCommand.btfLoad,
        (attr) => void attr.u32(16, blob.byteLength).copy(0, blob),
        'load BTF',
        (fd) => new Fd(fd),
      ),
    )
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    throw new BtfLoadError(error, logOf(blob))
  }
}

/** Loads once more with a log: the kernel writes one only when asked to. */
function logOf(blob: Uint8Array): string {
  using log = Memory.allocate(logSize)
  try {
    bpf(
      bpfCommand.btfLoad,
      (attr) => {
        attr.copy(0, blob)
        attr.pointer(8, log).u32(16, blob.byteLength).u32(20, logSize).u32(24, 1)
      },
      'load BTF',
      (fd) => new Fd(fd).close(),
    )
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
  }
  return log.text()
}
