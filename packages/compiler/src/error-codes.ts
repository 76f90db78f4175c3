/** All error codes of this package besides those of diagnostics: by class, with their meaning. */
export const errorCodes = {
  KernelFileError: {
    KERNEL_FILE: 'The file is not a description of a kernel, or is damaged.',
    KERNEL_FILE_SIZE: 'The description, or a part of it, is larger than the limit.',
    KERNEL_FILE_VERSION: 'The description has a format that this version does not know.',
    KERNEL_ARCHITECTURE: 'The kernel is for other processors than this computer.',
  },
} as const satisfies Record<string, Record<string, string>>

export type KernelFileErrorCode = keyof (typeof errorCodes)['KernelFileError']
