package dev.segue;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.CustomResource;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The boundaries between the operator's packages: decisions are pure, and only the shell touches the world. */
class ArchitectureTest {
    /** The shell, and the wiring in {@code dev.segue} itself. */
    private static final DescribedPredicate<JavaClass> SHELL =
            resideInAnyPackage("dev.segue", "dev.segue.shell..").as("are shell or Main");

    private static final DescribedPredicate<JavaClass> PURE = not(SHELL).as("are outside of shell and Main");

    private static final DescribedPredicate<JavaClass> API_CLIENT = resideInAPackage("io.fabric8.kubernetes.client..")
            .and(not(type(CustomResource.class)))
            .as("belong to the Kubernetes client");

    private static final DescribedPredicate<JavaClass> INPUT_AND_OUTPUT = resideInAnyPackage(
                    "io.javaoperatorsdk..", "java.net.http..", "com.sun.net.httpserver..")
            .as("belong to the operator framework or to HTTP");

    private static final DescribedPredicate<HasName> THREADS = nameMatching(
                    "java\\.lang\\.Thread.*|java\\.util\\.Timer|java\\.util\\.concurrent\\.(.*Executor.*|ForkJoin.*)")
            .as("are threads or start them");

    private static final DescribedPredicate<JavaCall<?>> THE_CLOCK =
            DescribedPredicate.describe("it reads the system's clock", ArchitectureTest::readsClock);

    @TestFactory
    Stream<DynamicTest> boundaries() {
        // The rules need only the names of other libraries' classes; reading those takes most of a minute.
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        JavaClasses operator = new ClassFileImporter()
                .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());
        return Stream.of(
                        noClasses().that(PURE).should().dependOnClassesThat(API_CLIENT),
                        noClasses()
                                .that(PURE)
                                .and(not(resideInAPackage("dev.segue.api")).as("outside of api"))
                                .should()
                                .dependOnClassesThat(type(CustomResource.class)),
                        noClasses().that(PURE).should().dependOnClassesThat(INPUT_AND_OUTPUT),
                        noClasses().that(PURE).should().dependOnClassesThat(THREADS),
                        noClasses().that(PURE).should().callMethodWhere(THE_CLOCK),
                        noClasses().that(PURE).should().dependOnClassesThat(SHELL),
                        onlyUse("engine", "api", "staging", "traffic", "analysis", "plan", "report"),
                        onlyUse("assessment", "api", "staging", "traffic", "analysis"),
                        onlyUse("plan", "api", "staging", "traffic", "analysis"),
                        onlyUse("report", "api", "staging", "traffic", "analysis"),
                        onlyUse("staging", "api", "traffic", "analysis"),
                        onlyUse("traffic", "api", "analysis"),
                        onlyUse("analysis", "api"),
                        onlyUse("api"),
                        noClasses()
                                .that()
                                .resideInAPackage("dev.segue.analysis")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("io.fabric8..", "com.fasterxml.."),
                        noClasses().should().resideInAnyPackage("..util..", "..utils..", "..common..", "..helper.."),
                        slices().matching("dev.segue.(*)..").should().beFreeOfCycles())
                .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(operator)));
    }

    private static ArchRule onlyUse(String name, String... others) {
        String[] allowed = Stream.concat(Stream.of(name), Stream.of(others))
                .map(other -> "dev.segue." + other + "..")
                .toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage("dev.segue." + name + "..")
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage("dev.segue..")).or(resideInAnyPackage(allowed)))
                .as(name + " uses of ours only itself" + (others.length == 0 ? "" : ", " + String.join(", ", others)));
    }

    private static boolean readsClock(JavaCall<?> call) {
        JavaClass owner = call.getTargetOwner();
        String name = call.getTarget().getName();
        boolean now = owner.getPackageName().startsWith("java.time") && name.equals("now");
        boolean millis =
                owner.isEquivalentTo(System.class) && (name.equals("currentTimeMillis") || name.equals("nanoTime"));
        boolean clock = owner.isEquivalentTo(Clock.class) && (name.startsWith("system") || name.startsWith("tick"));
        return now || millis || clock;
    }
}
