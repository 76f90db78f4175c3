import { eventField } from './field.ts'
import { firstPath, labelled, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

/** Kernel modules that are loaded. */
export const driverLoad = hookLogSource({
  name: 'driver_load',
  doc: 'a kernel module was loaded',
  fields: {
    ImageLoaded: eventField('path or name of the module; missing if it was loaded from memory'),
    Parameters: eventField('parameters of the module'),
    Signed: eventField('whether its signature was verified', 'flag'),
  },
  hooks: {
    sys_finit_module: (args) => ({
      ImageLoaded: firstPath(args.filter(({ file_arg, path_arg }) => file_arg ?? path_arg)),
      Parameters: pathOf(labelled(args, 'parameters')),
    }),
    sys_init_module: (args) => ({ Parameters: pathOf(labelled(args, 'parameters')) }),
    do_init_module: (args) => {
      const module = args.find(({ module_arg }) => module_arg)?.module_arg
      return { ImageLoaded: module?.name, Signed: module?.signature_ok?.toString() }
    },
    security_kernel_read_file: (args) => ({ ImageLoaded: firstPath(args) }),
  },
  uses: [
    {
      hook: 'sys_finit_module',
      fields: { ImageLoaded: 'unknown', Parameters: { argument: 1, as: 'text' } },
    },
    { hook: 'sys_init_module', fields: { Parameters: { argument: 1, as: 'text' } } },
  ],
})
