#!/usr/bin/perl
# An agent as those of OpenClaw are laid out: a control port on the address of its container, 8081, and a second port on
# its loopback alone, 18800, which nobody outside can reach, the gateway neither.
#   agent            serves both until SIGTERM
#   agent --check    the health check: exit code 0 when it serves
#   agent --private  asks the second port, from inside
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX ();

my ($control, $private) = (8081, 18800);

sub ask {
    my ($port, $path) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 2) or return '';
    print {$socket} "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    local $/;
    return scalar <$socket>;
}

if (@ARGV) {
    my $answer = $ARGV[0] eq '--private' ? ask($private, '/') : ask($control, '/healthz');
    print $answer if $ARGV[0] eq '--private';
    exit($answer =~ m{^HTTP/1\.1 200 } ? 0 : 1);
}

# Process 1 gets no signal that it does not ask for, and has children to bury.
$SIG{TERM} = $SIG{INT} = sub { exit 0 };
$SIG{CHLD} = 'IGNORE';
my $began = time;
my $secret = -r '/run/secrets/example_key' ? 'has its key' : 'has no key';

sub listen_on {
    my ($address, $port) = @_;
    return IO::Socket::INET->new(LocalAddr => $address, LocalPort => $port, Listen => 128, ReuseAddr => 1)
        // die "cannot listen on $address:$port: $!\n";
}

sub answer_of {
    my ($port, $path) = @_;
    return "private to this container\n" if $port == $private;
    return "ok\n" if $path eq '/healthz';
    my $host = (POSIX::uname())[1];
    return sprintf("The example agent on %s is awake for %d s and %s.\n", $host, time - $began, $secret);
}

sub serve {
    my ($client, $port) = @_;
    while (defined(my $line = <$client>)) {
        my ($path) = $line =~ m{^[A-Z]+ (\S+) HTTP/1\.[01]\r?\n\z} or return;
        my ($length, $close) = (0, 0);
        while (defined(my $header = <$client>)) {
            last if $header =~ /^\r?\n\z/;
            $length = $1 if $header =~ /^content-length:\s*(\d+)/i;
            $close = 1 if $header =~ /^connection:.*\bclose\b/i;
        }
        read($client, my $body, $length > 1 << 20 ? return : $length);
        my $answer = answer_of($port, $path);
        print {$client} "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ", length $answer,
            $close ? "\r\nConnection: close" : '', "\r\n\r\n", $answer;
        $client->flush;
        return if $close;
    }
}

my %ports = map { fileno($_) => $_->sockport } my @listeners
    = (listen_on('0.0.0.0', $control), listen_on('127.0.0.1', $private));
my $select = IO::Select->new(@listeners);
print STDERR "The agent listens on port $control, and on $private of its loopback.\n";
while (1) {
    for my $listener ($select->can_read) {
        my $client = $listener->accept or next;
        my $child = fork // next;
        next if $child;
        $SIG{TERM} = 'DEFAULT';
        serve($client, $ports{fileno $listener});
        exit 0;
    }
}
