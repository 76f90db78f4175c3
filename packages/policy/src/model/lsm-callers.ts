/** LSM hooks whose functions, which call them, have another name than `security_HOOK`. */
export const lsmCallers: Readonly<Record<string, string>> = {
  bprm_check_security: 'security_bprm_check',
  cred_prepare: 'security_prepare_creds',
  cred_transfer: 'security_transfer_creds',
  settime: 'security_settime64',
  socket_sock_rcv_skb: 'security_sock_rcv_skb',
  userns_create: 'security_create_user_ns',
}

/** The function that calls an LSM hook, with the same parameters (security/security.c). */
export function lsmCaller(hook: string): string {
  return Object.hasOwn(lsmCallers, hook) ? lsmCallers[hook] : `security_${hook}`
}
