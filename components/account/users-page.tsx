'use client'

import { Plus, Trash2 } from 'lucide-react'
import { useTranslations } from 'next-intl'
import { parseAsString, useQueryState } from 'nuqs'
import { useMemo, useState } from 'react'
import { role, type User } from '../../contracts/users.ts'
import { useAccount } from '../../hooks/use-account.ts'
import { useSheet } from '../../hooks/use-sheet.ts'
import { useDeleteUser, useUpdateUser, useUsers } from '../../hooks/use-users.ts'
import { PageHeader } from '../frame/page-header.tsx'
import { TimeAgo } from '../ui/age.tsx'
import { Button } from '../ui/button.tsx'
import { ConfirmTyping } from '../ui/confirm-typing.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { type DataColumn, parseSort, serializeSort } from '../ui/data-table-types.ts'
import { Dialog } from '../ui/dialog.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { useProblemText } from '../ui/problem-text.ts'
import { Select } from '../ui/select.tsx'
import { toast } from '../ui/toaster.tsx'
import { AddUserSheet } from './add-user-sheet.tsx'

const RemoveDialog = ({ user, onClose }: { user: User; onClose: () => void }) => {
  const t = useTranslations('users')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const remove = useDeleteUser()
  const start = () =>
    remove.mutate(user.id, {
      onSuccess: () => {
        toast.success(t('removed', { email: user.email }))
        onClose()
      },
    })
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={t('removeTitle')}
      description={t('removeText', { email: user.email })}
      footer={
        <>
          <Button onClick={onClose}>{common('cancel')}</Button>
          <Button
            variant="danger"
            disabled={typed !== user.email || remove.isPending}
            onClick={start}
          >
            {t('remove')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <ConfirmTyping expected={user.email} value={typed} onChange={setTyped} />
        {remove.error ? <ProblemNote error={remove.error} /> : null}
      </div>
    </Dialog>
  )
}

const RoleCell = ({ user, isSelf }: { user: User; isSelf: boolean }) => {
  const t = useTranslations('users')
  const me = useTranslations('me')
  const update = useUpdateUser()
  const problemText = useProblemText()
  if (isSelf) return <span>{me(user.role)}</span>
  return (
    <Select
      aria-label={t('roleOf', { email: user.email })}
      className="h-7 w-36"
      value={user.role}
      disabled={update.isPending}
      onValueChange={(value) =>
        update.mutate(
          { user: user.id, body: { role: role.parse(value) } },
          {
            onError: (error) =>
              toast.error(t('notChanged'), { description: problemText(error).text }),
          },
        )
      }
      options={role.options.map((one) => ({ value: one, label: me(one) }))}
    />
  )
}

const useUserColumns = (
  selfId: string | null,
  onRemove: (user: User) => void,
): readonly DataColumn<User>[] => {
  const t = useTranslations('users')
  return useMemo(
    () => [
      {
        id: 'email',
        header: t('email'),
        phone: 'title',
        sortBy: (user) => user.email,
        cell: (user) => (
          <span className="font-medium break-all">
            {user.email}
            {user.id === selfId ? (
              <span className="font-normal text-muted"> {t('you')}</span>
            ) : null}
          </span>
        ),
      },
      {
        id: 'name',
        header: t('name'),
        sortBy: (user) => user.name,
        cell: (user) => user.name || '–',
      },
      {
        id: 'role',
        header: t('role'),
        phone: 'meta',
        sortBy: (user) => user.role,
        cell: (user) => <RoleCell user={user} isSelf={user.id === selfId} />,
      },
      {
        id: 'createdAt',
        header: t('since'),
        sortBy: (user) => user.createdAt,
        cell: (user) => <TimeAgo timeMs={user.createdAt} />,
      },
      {
        id: 'lastSeenAt',
        header: t('lastSeen'),
        phone: 'figure',
        sortBy: (user) => user.lastSeenAt,
        cell: (user) => (user.lastSeenAt === null ? '–' : <TimeAgo timeMs={user.lastSeenAt} />),
      },
      {
        id: 'act',
        header: t('actions'),
        isFixed: true,
        phone: 'meta',
        cell: (user) =>
          user.id === selfId ? null : (
            <Button
              variant="ghost"
              size="iconSm"
              aria-label={t('removeUser', { email: user.email })}
              onClick={() => onRemove(user)}
            >
              <Trash2 aria-hidden />
            </Button>
          ),
      },
    ],
    [onRemove, selfId, t],
  )
}

export const UsersPage = () => {
  const t = useTranslations('users')
  const users = useUsers()
  const account = useAccount()
  const { open, close, isOpen } = useSheet()
  const [sort, setSort] = useQueryState('sort', parseAsString.withDefault('email'))
  const [removing, setRemoving] = useState<User | null>(null)
  const columns = useUserColumns(account.data?.id ?? null, setRemoving)
  return (
    <>
      <PageHeader
        title={t('title')}
        verdict={<span className="text-sm text-muted">{t('intro')}</span>}
        actions={
          <Button variant="primary" onClick={() => open('add-user')}>
            <Plus aria-hidden />
            {t('add')}
          </Button>
        }
      />
      {users.error ? (
        <ProblemNote error={users.error} onRetry={() => users.refetch()} className="mb-3" />
      ) : null}
      <DataTable
        id="users"
        label={t('title')}
        columns={columns}
        rows={users.error && !users.data ? [] : users.data?.items}
        rowId={(user) => user.id}
        sort={parseSort(sort)}
        onSortChange={(next) => setSort(serializeSort(next))}
        skeletonRows={3}
        empty={<EmptyState title={t('empty')} />}
      />
      {isOpen('add-user') ? <AddUserSheet onClose={close} /> : null}
      {removing ? <RemoveDialog user={removing} onClose={() => setRemoving(null)} /> : null}
    </>
  )
}
