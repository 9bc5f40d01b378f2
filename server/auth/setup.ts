import type { Account, CompleteSetupInput, SetupState } from '../../contracts/account.ts'
import { writeAudit } from '../audit/write-audit.ts'
import { systemContext } from '../context.ts'
import { refusal } from '../errors.ts'
import { switchSample } from '../sample/switch.ts'
import { createUser } from '../users/create-user.ts'
import { isSetupNeeded, isSetupTokenValid, returnSetupToken, takeSetupToken } from './setup-link.ts'
import { type CookieCall, signIn } from './sign-in.ts'

export async function getSetup({
  input,
}: {
  input: { token?: string | undefined }
}): Promise<SetupState> {
  const isNeeded = await isSetupNeeded()
  const { token } = input
  return {
    isNeeded,
    isTokenValid: isNeeded && token !== undefined && (await isSetupTokenValid(token)),
  }
}

/** Works once: the link's token is used up before the administrator is made. */
export async function completeSetup(call: CookieCall<CompleteSetupInput>): Promise<Account> {
  const { ctx, input } = call
  if (!(await isSetupNeeded())) throw refusal('set-up-already')
  if (!(await takeSetupToken(input.token))) throw refusal('link-invalid')
  const { email, password, name } = input
  try {
    await createUser({ ctx, input: { email, password, name, role: 'administrator' } })
  } catch (cause) {
    await returnSetupToken(input.token)
    throw cause
  }
  ctx.note({ email })
  if (input.startSampleTraffic) await startSample()
  return signIn({ ...call, input: { email, password } })
}

/** Sample traffic that cannot start leaves the account as it is; the audit log says why. */
async function startSample(): Promise<void> {
  const ctx = systemContext()
  const entry = { action: 'switchSample', cluster: 'embedded', detail: { action: 'start' } }
  try {
    await switchSample({ ctx, input: { cluster: 'embedded', action: 'start' } })
    await writeAudit({ ctx, entry })
  } catch (cause) {
    await writeAudit({ ctx, entry: { ...entry, error: String(cause) } })
  }
}
