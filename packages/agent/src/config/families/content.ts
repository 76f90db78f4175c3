import { flag } from '../option.ts'

/** What events tell. */
export const contentOptions = {
  'enable-process-environment-variables': flag({
    help: 'put the environment into process_exec events (it may hold secrets)',
  }),
}
