import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command-line tools one after another in one JVM, since each start of a JVM costs seconds.
 * A line in: the class, its standard input and its arguments, each in base64, apart by spaces.
 * A line out: the exit code, standard output and standard error, likewise.
 */
public final class CommandLine {
    /** Written once at the start, as tools and loggers keep the stream that they found. */
    private static final class Switched extends OutputStream {
        private ByteArrayOutputStream current = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int value) {
            if (ended == null) current.write(value);
        }

        @Override
        public synchronized void write(byte[] values, int from, int count) {
            if (ended == null) current.write(values, from, count);
        }

        synchronized String take() {
            String text = Base64.getEncoder().encodeToString(current.toByteArray());
            current = new ByteArrayOutputStream();
            return text;
        }
    }

    /** Unwinds a tool that asked for the end of its process; some tools catch it on its way. */
    private static final class Ended extends Error {
        Ended() {
            super(null, null, false, false);
        }
    }

    /** The exit code that the running tool asked for first: what it does thereafter does not count. */
    private static volatile Integer ended;

    public static void main(String[] unused) throws Exception {
        InputStream commands = System.in;
        PrintStream replies = System.out;
        Switched out = new Switched();
        Switched err = new Switched();
        System.setOut(new PrintStream(out, true, "UTF-8"));
        System.setErr(new PrintStream(err, true, "UTF-8"));
        Exit.Procedure end = (code, message) -> {
            if (ended == null) {
                System.out.flush();
                System.err.flush();
                ended = code;
            }
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        List<Runnable> hooks = new CopyOnWriteArrayList<>();
        Exit.setShutdownHookAdder((name, runnable) -> hooks.add(runnable));
        BufferedReader lines = new BufferedReader(new InputStreamReader(commands, "UTF-8"));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            for (int i = 0; i < words.length; i++) {
                words[i] = new String(Base64.getDecoder().decode(words[i]), "UTF-8");
            }
            System.setIn(new ByteArrayInputStream(words[1].getBytes("UTF-8")));
            ended = null;
            int code = run(words[0], Arrays.copyOfRange(words, 2, words.length));
            if (ended != null) code = ended;
            ended = null;
            for (Runnable hook : hooks) hook.run();
            hooks.clear();
            System.out.flush();
            System.err.flush();
            replies.println(code + " " + out.take() + " " + err.take());
            replies.flush();
        }
    }

    private static int run(String name, String[] arguments) throws Exception {
        try {
            Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments);
            return 0;
        } catch (InvocationTargetException thrown) {
            Throwable cause = thrown.getCause();
            if (cause instanceof Ended) return 0;
            System.err.print("Exception in thread \"main\" ");
            cause.printStackTrace();
            return 1;
        }
    }
}
