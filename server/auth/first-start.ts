import { systemContext } from '../context.ts'
import { environment } from '../settings/environment.ts'
import { createUser } from '../users/create-user.ts'
import { createSetupLink, isSetupNeeded } from './setup-link.ts'

/**
 * Once per start: without any user, makes the administrator the environment names, or else a
 * one-time link, which is returned to be shown. Null: there is nothing to do for the person.
 */
export async function firstStart(): Promise<string | null> {
  if (!(await isSetupNeeded())) return null
  const { firstAdministrator } = environment()
  if (firstAdministrator === null) return createSetupLink()
  await createUser({
    ctx: systemContext(),
    input: { ...firstAdministrator, name: '', role: 'administrator' },
  })
  return null
}
