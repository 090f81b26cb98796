# Signals that are blocked and waited for, and the locale's order of strings.
import locale, os, signal

usr = {signal.SIGUSR1}
print(signal.pthread_sigmask(signal.SIG_BLOCK, usr), signal.sigpending())
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigpending(), signal.sigwait(usr), signal.sigpending())
print(signal.sigtimedwait(usr, 0), signal.sigtimedwait(usr, 0.01))
os.kill(os.getpid(), signal.SIGUSR1)
info = signal.sigwaitinfo(usr)
print(info.si_signo == signal.SIGUSR1, info.si_code, info.si_errno, info.si_pid == os.getpid(),
      info.si_uid == os.getuid(), info.si_status, len(info))
os.kill(os.getpid(), signal.SIGUSR1)
print(signal.sigtimedwait(usr, 60)[0] == signal.SIGUSR1)

# A handled signal does not end the wait.
seen = []
signal.signal(signal.SIGALRM, lambda *a: seen.append(a[0]))
signal.setitimer(signal.ITIMER_REAL, 0.01)
print(signal.sigtimedwait(usr, 0.05), seen)
for arguments in ((usr, -1), (usr, "a"), ([0], 1), (1, 1), (usr,)):
    try:
        print(signal.sigtimedwait(*arguments))
    except Exception as e:
        print(type(e).__name__, e)
print(signal.pthread_sigmask(signal.SIG_UNBLOCK, usr) == usr)

print(locale.strcoll("a", "b") < 0, locale.strcoll("b", "a") > 0, locale.strcoll("a", "a"))
print(sorted(["b", "a", "B"], key=locale.strxfrm), locale.strxfrm(""))
print(locale.nl_langinfo(locale.DAY_1), locale.nl_langinfo(locale.ABMON_12), locale.nl_langinfo(locale.AM_STR))
for f, *arguments in ((locale.strcoll, 1, "a"), (locale.strcoll, "a"), (locale.strxfrm, "a\0b"), (locale.strxfrm, None)):
    try:
        print(f(*arguments))
    except Exception as e:
        print(type(e).__name__, e)
